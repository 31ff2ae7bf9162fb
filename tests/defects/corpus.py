"""All planted defects, the equivalent ones apart."""

from tests.defects.chains import CHAINS
from tests.defects.checkers import CHECKERS
from tests.defects.engines import ENGINES
from tests.defects.equivalent import EQUIVALENT, ROUNDED
from tests.defects.fan_out import FAN_OUT
from tests.defects.formulas import FORMULAS
from tests.defects.indices import INDICES
from tests.defects.kinks import KINKS, MASKS
from tests.defects.network_results import NETWORK_RESULTS
from tests.defects.network_slips import NETWORK_SLIPS
from tests.defects.numbers import NUMBERS
from tests.defects.operations import CARRIED
from tests.defects.record import Defect
from tests.defects.reductions import REDUCTIONS
from tests.defects.second_order import SECOND_ORDER
from tests.defects.singular import SINGULAR
from tests.defects.state import STATE
from tests.defects.unlisted import UNLISTED

NETWORKS = (*NETWORK_SLIPS, *NETWORK_RESULTS)
OPERATIONS = (
    *CARRIED,
    *REDUCTIONS,
    *CHAINS,
    *INDICES,
    *FAN_OUT,
    *SINGULAR,
    *KINKS,
    *MASKS,
    *NUMBERS,
    *ROUNDED,
    *STATE,
    *SECOND_ORDER,
    *CHECKERS,
    *UNLISTED,
)
WRONG: tuple[Defect, ...] = (*OPERATIONS, *NETWORKS, *ENGINES, *FORMULAS)
__all__ = ["ENGINES", "EQUIVALENT", "FORMULAS", "NETWORKS", "OPERATIONS", "WRONG"]
