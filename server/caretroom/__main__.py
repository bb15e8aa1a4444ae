from caretroom.cli import main

main()
