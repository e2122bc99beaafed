"""The measurements that anyone can run on their own mini-PC: `regulars bench …`."""
