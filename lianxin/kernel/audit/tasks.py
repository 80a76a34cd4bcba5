"""New entries are sealed under a checkpoint every ten minutes."""

from datetime import datetime

from lianxin.kernel import jobs
from lianxin.kernel.audit.checkpoints import seal_all


@jobs.every("*/10 * * * *", name="audit.seal")
def seal(at: datetime) -> None:
    """Seal what has been written since the last checkpoint."""
    seal_all(at=at)
