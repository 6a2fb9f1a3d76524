"""The pages a person or a browser test uses: checkout, the bank, the portal, a hosted invoice, the desk."""
