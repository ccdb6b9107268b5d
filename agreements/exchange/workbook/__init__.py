"""A framework as a workbook that office staff edit: written, guarded, read, and given back with its faults marked."""
