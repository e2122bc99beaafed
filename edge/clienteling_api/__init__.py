"""The door to phones: HTTPS on the LAN, a WebSocket feed, pairing, and the phone's web app.

table         every route on one page
routing       what a route is: serving, checks and documentation follow from its handler
endpoint      from a route to what aiohttp calls: admit, decode, call, answer
requests, wire, mapping
              what phones send, what they receive, and how the shop's values become it
visits, members, consents, phones, scans, vouchers, catalogue, sales, gateway
              the handlers, by subject
setup, setup_requests, setup_mapping
              setting the shop up, for whoever came with the console's code, or a manager
live          the feed
guard, decoding, problems, responses
              who may come in, what is let in, how it is refused, what every answer carries
openapi, sizes
              the document made from the table
server, parts
              the application, its collaborators, its two doors
authority, addresses, discovery, qr
              the certificate, the names of this machine, mDNS, QR codes
static, web   the phone's web app
"""
