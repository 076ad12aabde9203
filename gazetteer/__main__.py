"""`python -m gazetteer`."""

from gazetteer.main import main

if __name__ == "__main__":
    main()
