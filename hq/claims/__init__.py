"""Claims: files by which a machine becomes a store of the chain without a person at a screen.

shops       what a list of stores says, or where it is wrong
making      make claims, list them, take them back
admission   a machine shows a claim and is given its certificate, once
first_manager  the page that pairs the first manager's phone
cloud_init  a claim as the ``user-data`` of a machine that is installed by cloud-init
"""
