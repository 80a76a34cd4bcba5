"""`lianxin bench match`: accuracy and speed of the data comparison, on people invented from a seed."""
