"""What runs inside the walls: the fork server, the process of one submission, the walls themselves, and the wire to the judge.

Rules of this room:

* It is copied whole into a worker, so every file of it can be read by a submission: it holds no answer and imports nothing that does.
* Walls are built before foreign code runs; one that cannot be built ends the process.
* A submission may change all of it. What it sends is data to the judge, and nothing that it says is believed.
"""
