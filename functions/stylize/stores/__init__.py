"""Where photos come from and paintings go to: the contract (base.py) and its implementations."""
