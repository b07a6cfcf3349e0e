"""What is under test: a module, in a framework, on a device, in a dtype, in a mode; where its source is, and what is installed."""
