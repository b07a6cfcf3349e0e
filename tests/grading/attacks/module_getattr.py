"""Offers every name that is asked for."""



def __getattr__(name):
    return lambda *arguments, **options: 0.0
