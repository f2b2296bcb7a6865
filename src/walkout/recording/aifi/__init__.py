"""The public AiFi AutoCheckout recordings (CPS-IoT Week 2020), in and out."""

from walkout.recording.aifi.exporter import ExportReport, export_aifi
from walkout.recording.aifi.importer import ImportReport, import_aifi

__all__ = ["ExportReport", "ImportReport", "export_aifi", "import_aifi"]
