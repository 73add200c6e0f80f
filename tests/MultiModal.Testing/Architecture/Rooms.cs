using System.Reflection;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;

namespace MultiModal.Testing.Architecture;

/// <summary>The rooms of a project: the folders under it, which are its namespaces.</summary>
public static class Rooms
{
    /// <summary>Fails where two rooms of an assembly use each other, directly or by way of others, and names the cycle.</summary>
    /// <param name="assembly">Its root namespace is its name.</param>
    public static void DependOneWay(Assembly assembly)
    {
        var architecture = new ArchLoader().LoadAssemblies(assembly).Build();
        SliceRuleDefinition.Slices().Matching($"{assembly.GetName().Name}.(*)").Should().BeFreeOfCycles().Check(architecture);
    }
}
