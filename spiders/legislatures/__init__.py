"""One file a legislature. Folders named in BILLWATCH_LEGISLATURES may hold more of them."""

import os

__path__ += [path for path in os.environ.get("BILLWATCH_LEGISLATURES", "").split(os.pathsep) if path]
