"""Headquarters' web pages for a merchant: rendered here, drawn in SVG, without a framework.

server    the listener for people: routes, one kind of answer to each kind of trouble
door      who may come in: the cookie, the form's token, the origin
words     English and Chinese, numbers, money and times as people write them
render    templates to answers, with what every page needs
screens   a module for each screen: asks for figures, hands them to its template
"""
