"""Money: what AWS billed, budgeted, asks and recommends, as a seeder planted it; nothing is metered by the emulator itself."""


def overrides(service):
    """The operations of one service that are answered here."""
    from . import bedrock, budgets, cost_explorer, optimization_hub, price_list

    return {"bedrock": bedrock, "budgets": budgets, "ce": cost_explorer, "cost-optimization-hub": optimization_hub, "pricing": price_list}[service].ANSWERS
