"""What a camera sees, for whoever sets it up: a still at a time, in a process of its own.

link        what crosses the line: which camera, stills asked for, stills given
client      the gateway's end: processes started when somebody looks, ended when nobody does
eye         the process's end: the camera's reader, and the newest frame as a JPEG
process     the process
"""
