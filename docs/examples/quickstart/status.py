"""Shows which Python answers, and that the environment's packages are there."""

import sys

import requests

print(f"python {sys.version.split()[0]} at {sys.executable}")
print(f"requests {requests.__version__}")
