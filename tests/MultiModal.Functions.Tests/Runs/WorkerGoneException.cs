namespace MultiModal.Functions.Tests.Runs;

/// <summary>Stands for what a host says of a step whose process ended under it: no type of the app's own.</summary>
internal sealed class WorkerGoneException() : Exception("The worker exited with code 137.");
