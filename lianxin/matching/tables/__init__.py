"""Files in and out: lists of people as CSV, XLSX or Parquet, and the pairs that were found."""

from lianxin.matching.tables.loading import Roster, load
from lianxin.matching.tables.working import working_folder
from lianxin.matching.tables.writing import save_pairs

__all__ = ["Roster", "load", "save_pairs", "working_folder"]
