"""What learners type: right answers in other styles than the package's, and typical wrong ones."""
