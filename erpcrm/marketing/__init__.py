"""Marketing: campaigns, their members and mails, what they brought and what they cost."""
