"""The catch rate of each class and the false alarms.

Run: python -m tests.defects [ENTRIES]   (of right gradients; 1,200,000 unless told)
"""

from tests.benchmarks import false_alarms
from tests.defects.measure import alarms, markdown, measured, table

if __name__ == "__main__":
    print(markdown(table(measured)))
    print(alarms())
    false_alarms.main()
