Console.Error.WriteLine("Not there yet.");
return 2;
