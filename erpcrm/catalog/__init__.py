"""What the company sells, buys or makes: products with their code, unit and list price."""
