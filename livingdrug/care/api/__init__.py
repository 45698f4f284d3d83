"""The API of the care service, `/api/v1`: what a client needs, behind tokens that open nothing by default."""
