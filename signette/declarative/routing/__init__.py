"""How endpoints are declared: options, verbs, routes, routers, webhooks."""
