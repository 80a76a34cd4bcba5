"""Files in and out: lists of people as CSV, XLSX or Parquet, and tables of what was found."""

from lianxin.matching.tables.loading import Roster, load, load_all
from lianxin.matching.tables.working import working_folder
from lianxin.matching.tables.writing import save_table

__all__ = ["Roster", "load", "load_all", "save_table", "working_folder"]
