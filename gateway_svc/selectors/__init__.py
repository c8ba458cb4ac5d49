"""What pages show: the services' JSON, asked for and made ready for the templates."""
