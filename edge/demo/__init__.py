"""The demo store: the real gateway on recorded input, rendered at first start.

People from photographs that installed packages carry walk up to a drawn shop entrance;
some are enrolled as members with invented profiles. From the file onward the path is the
shop's own.
"""
