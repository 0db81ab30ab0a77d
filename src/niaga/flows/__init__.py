"""What moved in an order: goods, information, money, documents; none knows another."""
