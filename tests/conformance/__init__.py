"""One file of cases through every engine of the expression language: do they agree with it, and with one another?"""
