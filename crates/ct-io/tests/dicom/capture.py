"""Prints what pydicom reads of a Secondary Capture: its elements, and the pixels' hash and shape."""

import hashlib
import json
import sys

import pydicom

dataset = pydicom.dcmread(sys.argv[1])
pixels = dataset.pixel_array
source = dataset.SourceImageSequence[0] if "SourceImageSequence" in dataset else None
print(
    json.dumps(
        {
            "syntax": dataset.file_meta.TransferSyntaxUID.name,
            "class": dataset.SOPClassUID.name,
            "is_consistent": dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID,
            "instance": dataset.SOPInstanceUID,
            "is_valid": dataset.SOPInstanceUID.is_valid and dataset.SeriesInstanceUID.is_valid,
            "series": dataset.SeriesInstanceUID,
            "study": dataset.StudyInstanceUID,
            "name": str(dataset.PatientName),
            "id": dataset.PatientID,
            "birth": dataset.PatientBirthDate,
            "sex": dataset.PatientSex,
            "number": dataset.InstanceNumber,
            "type": list(dataset.ImageType),
            "burned": dataset.BurnedInAnnotation,
            "comments": dataset.ImageComments,
            "derivation": dataset.DerivationDescription,
            "made": dataset.ContentDate + dataset.ContentTime,
            "source": source and source.ReferencedSOPInstanceUID,
            "frame": source and source.get("ReferencedFrameNumber"),
            "shape": list(pixels.shape),
            "bytes": pixels.tobytes().hex(),
        }
    )
)
