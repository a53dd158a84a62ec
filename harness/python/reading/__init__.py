"""What a person gives: whose function it is, what it closes over, what it takes, and how a derivative is asked for."""
