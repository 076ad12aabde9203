"""`gazetteer`, the client for a terminal and a pipeline: metadata kept in git, pushed and compared.

It knows the documents of the standards and the REST interface, nothing else of the server.
"""

__version__ = "0.1.0"
