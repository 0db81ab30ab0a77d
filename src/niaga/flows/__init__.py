"""What moved in an order: goods, information, money, documents. The flows do not know each other."""
