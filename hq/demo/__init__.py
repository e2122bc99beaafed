"""An invented chain, for demonstrations and tests: a year of its members, weeks of its doors."""

from hq.demo.chain import SHOPS, Shop, invent, many
from hq.demo.filling import fill

__all__ = ["SHOPS", "Shop", "fill", "invent", "many"]
