"""`python -m bench [name …]`: the benches by these names, or all."""

import sys

import bench
from deploy import trials

if __name__ == "__main__":
    sys.exit(trials.main(bench, sys.argv[1:], trials.run_bench))
