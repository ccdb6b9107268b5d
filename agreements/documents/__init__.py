"""What files from outside are, and pictures of their pages, without trusting them."""
