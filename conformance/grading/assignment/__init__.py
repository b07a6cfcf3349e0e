"""What is to be done and how many points it gives: the assignment's file, and the secret that its cases are drawn from."""
