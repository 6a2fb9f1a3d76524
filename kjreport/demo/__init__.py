"""The demo issue: articles, authors and pictures to see KJ Report with."""
