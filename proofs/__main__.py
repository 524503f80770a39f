"""`python -m proofs [name …]`: the proofs by these names, or all."""

import sys

import proofs
from deploy import trials

if __name__ == "__main__":
    sys.exit(trials.main(proofs, sys.argv[1:], trials.run_proof))
