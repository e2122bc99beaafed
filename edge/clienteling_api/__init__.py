"""The door to phones: HTTPS on the LAN, a WebSocket feed, pairing, and the phone's web app."""
