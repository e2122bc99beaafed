"""An invented chain, for demonstrations and tests: a year of its members, weeks of its doors."""

from hq.demo.chain import invent
from hq.demo.filling import fill
from hq.demo.shops import SHOPS, Shop, many

__all__ = ["SHOPS", "Shop", "fill", "invent", "many"]
