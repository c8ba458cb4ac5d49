"""What is wrong with a house, said before its people notice: `manage.py doctor`."""
